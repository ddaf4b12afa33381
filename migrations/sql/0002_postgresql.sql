CREATE OR REPLACE FUNCTION audit_record_refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$ BEGIN RAISE EXCEPTION 'audit records are append-only' USING ERRCODE = 'restrict_violation'; END $$
;;
CREATE TRIGGER audit_record_append_only BEFORE UPDATE OR DELETE ON audit_record FOR EACH ROW EXECUTE FUNCTION audit_record_refuse()
;;
CREATE TRIGGER audit_record_no_truncate BEFORE TRUNCATE ON audit_record FOR EACH STATEMENT EXECUTE FUNCTION audit_record_refuse()
;;
CREATE INDEX ix_asset_geom ON asset USING gist (geom)
;;
CREATE INDEX ix_listing_geom ON listing USING gist (geom)
;;
CREATE INDEX ix_listing_face_geom ON listing USING gist (face_geom)
;;
CREATE INDEX ix_need_geom ON need USING gist (geom)
;;
CREATE INDEX ix_need_face_geom ON need USING gist (face_geom)
;;
CREATE FUNCTION ledger_claim_fits() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $guard$
DECLARE total bigint; dimension_sort text;
BEGIN
    UPDATE capacity SET version = version + 1 WHERE asset_id = NEW.asset_id AND dimension = NEW.dimension
        RETURNING total_milli, sort INTO STRICT total, dimension_sort;
    IF (dimension_sort = 'slots') <> (NEW.slot IS NOT NULL) THEN
        RAISE EXCEPTION 'ledger: a slots dimension takes slots, a quantity takes an amount' USING ERRCODE = '23514', CONSTRAINT = 'ck_claim_sort';
    END IF;
    IF dimension_sort = 'slots' THEN
        IF NEW.slot > total / 1000 THEN
            RAISE EXCEPTION 'ledger: there is no such slot' USING ERRCODE = '23514', CONSTRAINT = 'ck_claim_slot_exists';
        END IF;
        RETURN NULL;
    END IF;
    IF (
    SELECT COALESCE(MAX(running), 0) FROM (
        SELECT SUM(delta) OVER (ORDER BY day, delta) AS running FROM (
            SELECT starts AS day, amount_milli AS delta FROM claim
             WHERE asset_id = NEW.asset_id AND dimension = NEW.dimension AND state = 'active' AND starts < NEW.ends AND ends > NEW.starts
            UNION ALL
            SELECT ends, -amount_milli FROM claim
             WHERE asset_id = NEW.asset_id AND dimension = NEW.dimension AND state = 'active' AND starts < NEW.ends AND ends > NEW.starts
        ) AS edges
    ) AS profile) > total THEN
        RAISE EXCEPTION 'ledger: more than the total is claimed' USING ERRCODE = '23514', CONSTRAINT = 'ck_claim_fits';
    END IF;
    RETURN NULL;
END $guard$
;;
CREATE TRIGGER ledger_claim_fits AFTER INSERT OR UPDATE ON claim FOR EACH ROW WHEN (NEW.state = 'active')
EXECUTE FUNCTION ledger_claim_fits()
;;
ALTER TABLE claim ADD CONSTRAINT ex_claim_slot_once EXCLUDE USING gist
(asset_id WITH =, dimension WITH =, slot WITH =, daterange(starts, ends) WITH &&) WHERE (state = 'active' AND slot IS NOT NULL)
;;
CREATE FUNCTION ledger_total_covers() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $guard$
BEGIN
    IF NEW.sort <> OLD.sort AND EXISTS (SELECT FROM claim
            WHERE asset_id = NEW.asset_id AND dimension = NEW.dimension AND state = 'active') THEN
        RAISE EXCEPTION 'ledger: a claimed dimension keeps its sort' USING ERRCODE = '23514', CONSTRAINT = 'ck_capacity_sort_kept';
    END IF;
    IF NEW.sort = 'slots' AND EXISTS (SELECT FROM claim
            WHERE asset_id = NEW.asset_id AND dimension = NEW.dimension AND state = 'active' AND slot > NEW.total_milli / 1000) THEN
        RAISE EXCEPTION 'ledger: a slot above the new total is claimed' USING ERRCODE = '23514', CONSTRAINT = 'ck_capacity_covers';
    END IF;
    IF NEW.sort = 'quantity' AND (
    SELECT COALESCE(MAX(running), 0) FROM (
        SELECT SUM(delta) OVER (ORDER BY day, delta) AS running FROM (
            SELECT starts AS day, amount_milli AS delta FROM claim
             WHERE asset_id = NEW.asset_id AND dimension = NEW.dimension AND state = 'active' 
            UNION ALL
            SELECT ends, -amount_milli FROM claim
             WHERE asset_id = NEW.asset_id AND dimension = NEW.dimension AND state = 'active' 
        ) AS edges
    ) AS profile) > NEW.total_milli THEN
        RAISE EXCEPTION 'ledger: more than the new total is claimed' USING ERRCODE = '23514', CONSTRAINT = 'ck_capacity_covers';
    END IF;
    RETURN NULL;
END $guard$
;;
CREATE TRIGGER ledger_total_covers AFTER UPDATE OF total_milli, sort ON capacity FOR EACH ROW
EXECUTE FUNCTION ledger_total_covers()
;;
CREATE FUNCTION ledger_capacity_kept() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $guard$
BEGIN
    IF EXISTS (SELECT FROM claim WHERE asset_id = OLD.asset_id AND dimension = OLD.dimension AND state = 'active' AND kind IN ('held','pending','committed')) THEN
        RAISE EXCEPTION 'ledger: somebody holds this capacity' USING ERRCODE = '23514', CONSTRAINT = 'ck_capacity_kept';
    END IF;
    RETURN OLD;
END $guard$
;;
CREATE TRIGGER ledger_capacity_kept BEFORE DELETE ON capacity FOR EACH ROW EXECUTE FUNCTION ledger_capacity_kept()
;;
CREATE OR REPLACE FUNCTION agreement_version_refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$ BEGIN RAISE EXCEPTION 'agreement_version is never changed' USING ERRCODE = 'restrict_violation'; END $$
;;
CREATE TRIGGER agreement_version_immutable BEFORE UPDATE OR DELETE ON agreement_version FOR EACH ROW EXECUTE FUNCTION agreement_version_refuse()
;;
CREATE TRIGGER agreement_version_no_truncate BEFORE TRUNCATE ON agreement_version FOR EACH STATEMENT EXECUTE FUNCTION agreement_version_refuse()
;;
CREATE OR REPLACE FUNCTION capacity_line_refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$ BEGIN RAISE EXCEPTION 'capacity_line is never changed' USING ERRCODE = 'restrict_violation'; END $$
;;
CREATE TRIGGER capacity_line_immutable BEFORE UPDATE OR DELETE ON capacity_line FOR EACH ROW EXECUTE FUNCTION capacity_line_refuse()
;;
CREATE TRIGGER capacity_line_no_truncate BEFORE TRUNCATE ON capacity_line FOR EACH STATEMENT EXECUTE FUNCTION capacity_line_refuse()
;;
CREATE OR REPLACE FUNCTION signature_refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$ BEGIN RAISE EXCEPTION 'signature is never changed' USING ERRCODE = 'restrict_violation'; END $$
;;
CREATE TRIGGER signature_immutable BEFORE UPDATE OR DELETE ON signature FOR EACH ROW EXECUTE FUNCTION signature_refuse()
;;
CREATE TRIGGER signature_no_truncate BEFORE TRUNCATE ON signature FOR EACH STATEMENT EXECUTE FUNCTION signature_refuse()
