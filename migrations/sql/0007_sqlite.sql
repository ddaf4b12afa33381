CREATE TRIGGER match_notes_listing_new AFTER INSERT ON listing BEGIN INSERT INTO match_change (subject, row_id) VALUES ('listing', NEW.id); END
;;
CREATE TRIGGER match_notes_listing_gone AFTER DELETE ON listing BEGIN INSERT INTO match_change (subject, row_id) VALUES ('listing', OLD.id); END
;;
CREATE TRIGGER match_notes_listing AFTER UPDATE OF kind, asset_id, owner_id, geom, offered, window_start, window_end, price_minor, currency, status ON listing BEGIN INSERT INTO match_change (subject, row_id) VALUES ('listing', NEW.id); END
;;
CREATE TRIGGER match_notes_need_new AFTER INSERT ON need BEGIN INSERT INTO match_change (subject, row_id) VALUES ('need', NEW.id); END
;;
CREATE TRIGGER match_notes_need_gone AFTER DELETE ON need BEGIN INSERT INTO match_change (subject, row_id) VALUES ('need', OLD.id); END
;;
CREATE TRIGGER match_notes_need AFTER UPDATE OF kind, organisation_id, geom, radius_m, budget_minor, currency, quantity, quantity_outstanding, window_start, window_end, requirements ON need BEGIN INSERT INTO match_change (subject, row_id) VALUES ('need', NEW.id); END
;;
CREATE TRIGGER match_notes_need_status AFTER UPDATE OF status ON need WHEN (NEW.status IN ('published', 'matched')) <> (OLD.status IN ('published', 'matched')) BEGIN INSERT INTO match_change (subject, row_id) VALUES ('need', NEW.id); END
;;
CREATE TRIGGER match_notes_asset AFTER UPDATE OF attributes ON asset BEGIN INSERT INTO match_change (subject, row_id) VALUES ('asset', NEW.id); END
;;
CREATE TRIGGER match_notes_capacity_new AFTER INSERT ON capacity BEGIN INSERT INTO match_change (subject, row_id) VALUES ('asset', NEW.asset_id); END
;;
CREATE TRIGGER match_notes_capacity_gone AFTER DELETE ON capacity BEGIN INSERT INTO match_change (subject, row_id) VALUES ('asset', OLD.asset_id); END
;;
CREATE TRIGGER match_notes_capacity AFTER UPDATE OF total_milli ON capacity BEGIN INSERT INTO match_change (subject, row_id) VALUES ('asset', NEW.asset_id); END
;;
CREATE TRIGGER match_notes_claim_new AFTER INSERT ON claim BEGIN INSERT INTO match_change (subject, row_id) VALUES ('asset', NEW.asset_id); END
;;
CREATE TRIGGER match_notes_claim_gone AFTER DELETE ON claim BEGIN INSERT INTO match_change (subject, row_id) VALUES ('asset', OLD.asset_id); END
;;
CREATE TRIGGER match_notes_claim AFTER UPDATE OF state ON claim BEGIN INSERT INTO match_change (subject, row_id) VALUES ('asset', NEW.asset_id); END
;;
CREATE TRIGGER match_notes_organisation AFTER UPDATE OF parent_id, profile ON organisation BEGIN INSERT INTO match_change (subject, row_id) VALUES ('organisation', NEW.id); END
