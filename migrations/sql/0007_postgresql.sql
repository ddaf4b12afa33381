CREATE FUNCTION match_note_id() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $note$ BEGIN INSERT INTO match_change (subject, row_id, xid) VALUES (TG_ARGV[0], CASE WHEN TG_OP = 'DELETE' THEN OLD.id ELSE NEW.id END, pg_current_xact_id()::text::bigint); RETURN NULL; END $note$
;;
CREATE FUNCTION match_note_asset_id() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $note$ BEGIN INSERT INTO match_change (subject, row_id, xid) VALUES (TG_ARGV[0], CASE WHEN TG_OP = 'DELETE' THEN OLD.asset_id ELSE NEW.asset_id END, pg_current_xact_id()::text::bigint); RETURN NULL; END $note$
;;
CREATE TRIGGER match_notes_listing_new AFTER INSERT ON listing FOR EACH ROW EXECUTE FUNCTION match_note_id('listing')
;;
CREATE TRIGGER match_notes_listing_gone AFTER DELETE ON listing FOR EACH ROW EXECUTE FUNCTION match_note_id('listing')
;;
CREATE TRIGGER match_notes_listing AFTER UPDATE OF kind, asset_id, owner_id, geom, offered, window_start, window_end, price_minor, currency, status ON listing FOR EACH ROW EXECUTE FUNCTION match_note_id('listing')
;;
CREATE TRIGGER match_notes_need_new AFTER INSERT ON need FOR EACH ROW EXECUTE FUNCTION match_note_id('need')
;;
CREATE TRIGGER match_notes_need_gone AFTER DELETE ON need FOR EACH ROW EXECUTE FUNCTION match_note_id('need')
;;
CREATE TRIGGER match_notes_need AFTER UPDATE OF kind, organisation_id, geom, radius_m, budget_minor, currency, quantity, quantity_outstanding, window_start, window_end, requirements ON need FOR EACH ROW EXECUTE FUNCTION match_note_id('need')
;;
CREATE TRIGGER match_notes_need_status AFTER UPDATE OF status ON need FOR EACH ROW WHEN ((NEW.status IN ('published', 'matched')) <> (OLD.status IN ('published', 'matched'))) EXECUTE FUNCTION match_note_id('need')
;;
CREATE TRIGGER match_notes_asset AFTER UPDATE OF attributes ON asset FOR EACH ROW EXECUTE FUNCTION match_note_id('asset')
;;
CREATE TRIGGER match_notes_capacity_new AFTER INSERT ON capacity FOR EACH ROW EXECUTE FUNCTION match_note_asset_id('asset')
;;
CREATE TRIGGER match_notes_capacity_gone AFTER DELETE ON capacity FOR EACH ROW EXECUTE FUNCTION match_note_asset_id('asset')
;;
CREATE TRIGGER match_notes_capacity AFTER UPDATE OF total_milli ON capacity FOR EACH ROW EXECUTE FUNCTION match_note_asset_id('asset')
;;
CREATE TRIGGER match_notes_claim_new AFTER INSERT ON claim FOR EACH ROW EXECUTE FUNCTION match_note_asset_id('asset')
;;
CREATE TRIGGER match_notes_claim_gone AFTER DELETE ON claim FOR EACH ROW EXECUTE FUNCTION match_note_asset_id('asset')
;;
CREATE TRIGGER match_notes_claim AFTER UPDATE OF state ON claim FOR EACH ROW EXECUTE FUNCTION match_note_asset_id('asset')
;;
CREATE TRIGGER match_notes_organisation AFTER UPDATE OF parent_id, profile ON organisation FOR EACH ROW EXECUTE FUNCTION match_note_id('organisation')
