CREATE FUNCTION database_now() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT transaction_timestamp()'
;;
DROP TRIGGER ledger_claim_fits ON claim
;;
CREATE TRIGGER ledger_claim_fits AFTER INSERT ON claim FOR EACH ROW WHEN (NEW.state = 'active')
EXECUTE FUNCTION ledger_claim_fits()
;;
CREATE FUNCTION ledger_claim_stands() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $guard$
BEGIN
    IF OLD.state <> 'active' THEN
        RAISE EXCEPTION 'ledger: a claim ends once' USING ERRCODE = '23514', CONSTRAINT = 'ck_claim_ends_once';
    END IF;
    IF (NEW.id, NEW.ref, NEW.asset_id, NEW.dimension, NEW.kind, NEW.slot, NEW.amount_milli, NEW.starts, NEW.ends, NEW.listing_id, NEW.organisation_id, NEW.holder_type, NEW.holder_ref, NEW.note, NEW.equipment, NEW.expires_at, NEW.created_at) IS DISTINCT FROM (OLD.id, OLD.ref, OLD.asset_id, OLD.dimension, OLD.kind, OLD.slot, OLD.amount_milli, OLD.starts, OLD.ends, OLD.listing_id, OLD.organisation_id, OLD.holder_type, OLD.holder_ref, OLD.note, OLD.equipment, OLD.expires_at, OLD.created_at) THEN
        RAISE EXCEPTION 'ledger: a claim stands as it was made' USING ERRCODE = '23514', CONSTRAINT = 'ck_claim_stands';
    END IF;
    RETURN NEW;
END $guard$
;;
CREATE TRIGGER ledger_claim_stands BEFORE UPDATE ON claim FOR EACH ROW EXECUTE FUNCTION ledger_claim_stands()
;;
CREATE FUNCTION ledger_hold_clock() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $guard$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.state = 'active' AND NEW.expires_at <= database_now() THEN
        RAISE EXCEPTION 'ledger: the hold is over before it begins' USING ERRCODE = '23514', CONSTRAINT = 'ck_claim_hold_begins';
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.state = 'expired' AND NEW.expires_at > database_now() THEN
        RAISE EXCEPTION 'ledger: the hold is not over yet' USING ERRCODE = '23514', CONSTRAINT = 'ck_claim_hold_lasts';
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.state = 'converted' AND NEW.expires_at <= database_now() THEN
        RAISE EXCEPTION 'ledger: the hold is over' USING ERRCODE = '23514', CONSTRAINT = 'ck_claim_hold_over';
    END IF;
    RETURN NEW;
END $guard$
;;
CREATE TRIGGER ledger_hold_clock BEFORE INSERT OR UPDATE ON claim FOR EACH ROW WHEN (NEW.kind = 'held')
EXECUTE FUNCTION ledger_hold_clock()
