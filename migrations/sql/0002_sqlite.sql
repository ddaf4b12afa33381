CREATE TRIGGER audit_record_no_update BEFORE UPDATE ON audit_record BEGIN SELECT RAISE(ABORT, 'audit records are append-only'); END
;;
CREATE TRIGGER audit_record_no_delete BEFORE DELETE ON audit_record BEGIN SELECT RAISE(ABORT, 'audit records are append-only'); END
;;
CREATE VIRTUAL TABLE rtree_asset_geom USING rtree(id, minx, maxx, miny, maxy)
;;
CREATE TRIGGER rtree_asset_geom_insert AFTER INSERT ON asset WHEN NEW.geom IS NOT NULL BEGIN INSERT OR REPLACE INTO rtree_asset_geom VALUES (NEW.id, ST_XMin(NEW.geom), ST_XMax(NEW.geom), ST_YMin(NEW.geom), ST_YMax(NEW.geom)); END
;;
CREATE TRIGGER rtree_asset_geom_update AFTER UPDATE OF geom, id ON asset BEGIN DELETE FROM rtree_asset_geom WHERE id = OLD.id; INSERT INTO rtree_asset_geom SELECT NEW.id, ST_XMin(NEW.geom), ST_XMax(NEW.geom), ST_YMin(NEW.geom), ST_YMax(NEW.geom) WHERE NEW.geom IS NOT NULL; END
;;
CREATE TRIGGER rtree_asset_geom_delete AFTER DELETE ON asset BEGIN DELETE FROM rtree_asset_geom WHERE id = OLD.id; END
;;
CREATE VIRTUAL TABLE rtree_listing_geom USING rtree(id, minx, maxx, miny, maxy)
;;
CREATE TRIGGER rtree_listing_geom_insert AFTER INSERT ON listing WHEN NEW.geom IS NOT NULL BEGIN INSERT OR REPLACE INTO rtree_listing_geom VALUES (NEW.id, ST_XMin(NEW.geom), ST_XMax(NEW.geom), ST_YMin(NEW.geom), ST_YMax(NEW.geom)); END
;;
CREATE TRIGGER rtree_listing_geom_update AFTER UPDATE OF geom, id ON listing BEGIN DELETE FROM rtree_listing_geom WHERE id = OLD.id; INSERT INTO rtree_listing_geom SELECT NEW.id, ST_XMin(NEW.geom), ST_XMax(NEW.geom), ST_YMin(NEW.geom), ST_YMax(NEW.geom) WHERE NEW.geom IS NOT NULL; END
;;
CREATE TRIGGER rtree_listing_geom_delete AFTER DELETE ON listing BEGIN DELETE FROM rtree_listing_geom WHERE id = OLD.id; END
;;
CREATE VIRTUAL TABLE rtree_listing_face_geom USING rtree(id, minx, maxx, miny, maxy)
;;
CREATE TRIGGER rtree_listing_face_geom_insert AFTER INSERT ON listing WHEN NEW.face_geom IS NOT NULL BEGIN INSERT OR REPLACE INTO rtree_listing_face_geom VALUES (NEW.id, ST_XMin(NEW.face_geom), ST_XMax(NEW.face_geom), ST_YMin(NEW.face_geom), ST_YMax(NEW.face_geom)); END
;;
CREATE TRIGGER rtree_listing_face_geom_update AFTER UPDATE OF face_geom, id ON listing BEGIN DELETE FROM rtree_listing_face_geom WHERE id = OLD.id; INSERT INTO rtree_listing_face_geom SELECT NEW.id, ST_XMin(NEW.face_geom), ST_XMax(NEW.face_geom), ST_YMin(NEW.face_geom), ST_YMax(NEW.face_geom) WHERE NEW.face_geom IS NOT NULL; END
;;
CREATE TRIGGER rtree_listing_face_geom_delete AFTER DELETE ON listing BEGIN DELETE FROM rtree_listing_face_geom WHERE id = OLD.id; END
;;
CREATE VIRTUAL TABLE rtree_need_geom USING rtree(id, minx, maxx, miny, maxy)
;;
CREATE TRIGGER rtree_need_geom_insert AFTER INSERT ON need WHEN NEW.geom IS NOT NULL BEGIN INSERT OR REPLACE INTO rtree_need_geom VALUES (NEW.id, ST_XMin(NEW.geom), ST_XMax(NEW.geom), ST_YMin(NEW.geom), ST_YMax(NEW.geom)); END
;;
CREATE TRIGGER rtree_need_geom_update AFTER UPDATE OF geom, id ON need BEGIN DELETE FROM rtree_need_geom WHERE id = OLD.id; INSERT INTO rtree_need_geom SELECT NEW.id, ST_XMin(NEW.geom), ST_XMax(NEW.geom), ST_YMin(NEW.geom), ST_YMax(NEW.geom) WHERE NEW.geom IS NOT NULL; END
;;
CREATE TRIGGER rtree_need_geom_delete AFTER DELETE ON need BEGIN DELETE FROM rtree_need_geom WHERE id = OLD.id; END
;;
CREATE VIRTUAL TABLE rtree_need_face_geom USING rtree(id, minx, maxx, miny, maxy)
;;
CREATE TRIGGER rtree_need_face_geom_insert AFTER INSERT ON need WHEN NEW.face_geom IS NOT NULL BEGIN INSERT OR REPLACE INTO rtree_need_face_geom VALUES (NEW.id, ST_XMin(NEW.face_geom), ST_XMax(NEW.face_geom), ST_YMin(NEW.face_geom), ST_YMax(NEW.face_geom)); END
;;
CREATE TRIGGER rtree_need_face_geom_update AFTER UPDATE OF face_geom, id ON need BEGIN DELETE FROM rtree_need_face_geom WHERE id = OLD.id; INSERT INTO rtree_need_face_geom SELECT NEW.id, ST_XMin(NEW.face_geom), ST_XMax(NEW.face_geom), ST_YMin(NEW.face_geom), ST_YMax(NEW.face_geom) WHERE NEW.face_geom IS NOT NULL; END
;;
CREATE TRIGGER rtree_need_face_geom_delete AFTER DELETE ON need BEGIN DELETE FROM rtree_need_face_geom WHERE id = OLD.id; END
;;
CREATE TRIGGER ledger_claim_fits_insert AFTER INSERT ON claim WHEN NEW.state = 'active' BEGIN
    UPDATE capacity SET version = version + 1 WHERE asset_id = NEW.asset_id AND dimension = NEW.dimension;
    SELECT RAISE(ABORT, 'ledger: a slots dimension takes slots, a quantity takes an amount')
     WHERE (SELECT sort FROM capacity WHERE asset_id = NEW.asset_id AND dimension = NEW.dimension) = CASE WHEN NEW.slot IS NULL THEN 'slots' ELSE 'quantity' END;
    SELECT RAISE(ABORT, 'ledger: there is no such slot')
     WHERE NEW.slot IS NOT NULL AND NEW.slot > (SELECT total_milli / 1000 FROM capacity WHERE asset_id = NEW.asset_id AND dimension = NEW.dimension);
    SELECT RAISE(ABORT, 'ledger: more than the total is claimed')
     WHERE NEW.slot IS NULL AND (
    SELECT COALESCE(MAX(running), 0) FROM (
        SELECT SUM(delta) OVER (ORDER BY day, delta) AS running FROM (
            SELECT starts AS day, amount_milli AS delta FROM claim
             WHERE asset_id = NEW.asset_id AND dimension = NEW.dimension AND state = 'active' AND starts < NEW.ends AND ends > NEW.starts
            UNION ALL
            SELECT ends, -amount_milli FROM claim
             WHERE asset_id = NEW.asset_id AND dimension = NEW.dimension AND state = 'active' AND starts < NEW.ends AND ends > NEW.starts
        ) AS edges
    ) AS profile) > (SELECT total_milli FROM capacity WHERE asset_id = NEW.asset_id AND dimension = NEW.dimension);
END
;;
CREATE TRIGGER ledger_claim_fits_update AFTER UPDATE ON claim WHEN NEW.state = 'active' BEGIN
    UPDATE capacity SET version = version + 1 WHERE asset_id = NEW.asset_id AND dimension = NEW.dimension;
    SELECT RAISE(ABORT, 'ledger: a slots dimension takes slots, a quantity takes an amount')
     WHERE (SELECT sort FROM capacity WHERE asset_id = NEW.asset_id AND dimension = NEW.dimension) = CASE WHEN NEW.slot IS NULL THEN 'slots' ELSE 'quantity' END;
    SELECT RAISE(ABORT, 'ledger: there is no such slot')
     WHERE NEW.slot IS NOT NULL AND NEW.slot > (SELECT total_milli / 1000 FROM capacity WHERE asset_id = NEW.asset_id AND dimension = NEW.dimension);
    SELECT RAISE(ABORT, 'ledger: more than the total is claimed')
     WHERE NEW.slot IS NULL AND (
    SELECT COALESCE(MAX(running), 0) FROM (
        SELECT SUM(delta) OVER (ORDER BY day, delta) AS running FROM (
            SELECT starts AS day, amount_milli AS delta FROM claim
             WHERE asset_id = NEW.asset_id AND dimension = NEW.dimension AND state = 'active' AND starts < NEW.ends AND ends > NEW.starts
            UNION ALL
            SELECT ends, -amount_milli FROM claim
             WHERE asset_id = NEW.asset_id AND dimension = NEW.dimension AND state = 'active' AND starts < NEW.ends AND ends > NEW.starts
        ) AS edges
    ) AS profile) > (SELECT total_milli FROM capacity WHERE asset_id = NEW.asset_id AND dimension = NEW.dimension);
END
;;
CREATE TRIGGER ledger_slot_once_insert AFTER INSERT ON claim WHEN NEW.state = 'active' AND NEW.slot IS NOT NULL BEGIN
    SELECT RAISE(ABORT, 'ledger: the slot is taken')
     WHERE EXISTS (SELECT 1 FROM claim WHERE asset_id = NEW.asset_id AND dimension = NEW.dimension AND slot = NEW.slot
                   AND state = 'active' AND id <> NEW.id AND starts < NEW.ends AND ends > NEW.starts);
END
;;
CREATE TRIGGER ledger_slot_once_update AFTER UPDATE ON claim WHEN NEW.state = 'active' AND NEW.slot IS NOT NULL BEGIN
    SELECT RAISE(ABORT, 'ledger: the slot is taken')
     WHERE EXISTS (SELECT 1 FROM claim WHERE asset_id = NEW.asset_id AND dimension = NEW.dimension AND slot = NEW.slot
                   AND state = 'active' AND id <> NEW.id AND starts < NEW.ends AND ends > NEW.starts);
END
;;
CREATE TRIGGER ledger_total_covers AFTER UPDATE OF total_milli, sort ON capacity BEGIN
    SELECT RAISE(ABORT, 'ledger: a claimed dimension keeps its sort')
     WHERE NEW.sort <> OLD.sort AND EXISTS (SELECT 1 FROM claim
        WHERE asset_id = NEW.asset_id AND dimension = NEW.dimension AND state = 'active');
    SELECT RAISE(ABORT, 'ledger: a slot above the new total is claimed')
     WHERE NEW.sort = 'slots' AND EXISTS (SELECT 1 FROM claim
        WHERE asset_id = NEW.asset_id AND dimension = NEW.dimension AND state = 'active' AND slot > NEW.total_milli / 1000);
    SELECT RAISE(ABORT, 'ledger: more than the new total is claimed')
     WHERE NEW.sort = 'quantity' AND (
    SELECT COALESCE(MAX(running), 0) FROM (
        SELECT SUM(delta) OVER (ORDER BY day, delta) AS running FROM (
            SELECT starts AS day, amount_milli AS delta FROM claim
             WHERE asset_id = NEW.asset_id AND dimension = NEW.dimension AND state = 'active' 
            UNION ALL
            SELECT ends, -amount_milli FROM claim
             WHERE asset_id = NEW.asset_id AND dimension = NEW.dimension AND state = 'active' 
        ) AS edges
    ) AS profile) > NEW.total_milli;
END
;;
CREATE TRIGGER ledger_capacity_kept BEFORE DELETE ON capacity BEGIN
    SELECT RAISE(ABORT, 'ledger: somebody holds this capacity')
     WHERE EXISTS (SELECT 1 FROM claim WHERE asset_id = OLD.asset_id AND dimension = OLD.dimension
                   AND state = 'active' AND kind IN ('held','pending','committed'));
END
;;
CREATE TRIGGER agreement_version_no_update BEFORE UPDATE ON agreement_version BEGIN SELECT RAISE(ABORT, 'agreement_version is never changed'); END
;;
CREATE TRIGGER agreement_version_no_delete BEFORE DELETE ON agreement_version BEGIN SELECT RAISE(ABORT, 'agreement_version is never changed'); END
;;
CREATE TRIGGER capacity_line_no_update BEFORE UPDATE ON capacity_line BEGIN SELECT RAISE(ABORT, 'capacity_line is never changed'); END
;;
CREATE TRIGGER capacity_line_no_delete BEFORE DELETE ON capacity_line BEGIN SELECT RAISE(ABORT, 'capacity_line is never changed'); END
;;
CREATE TRIGGER signature_no_update BEFORE UPDATE ON signature BEGIN SELECT RAISE(ABORT, 'signature is never changed'); END
;;
CREATE TRIGGER signature_no_delete BEFORE DELETE ON signature BEGIN SELECT RAISE(ABORT, 'signature is never changed'); END
