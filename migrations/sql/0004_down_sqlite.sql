DROP TRIGGER IF EXISTS ledger_hold_clock_insert
;;
DROP TRIGGER IF EXISTS ledger_hold_clock_update
;;
DROP TRIGGER IF EXISTS ledger_claim_stands
;;
DROP TRIGGER IF EXISTS ledger_slot_once
;;
DROP TRIGGER IF EXISTS ledger_claim_fits
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
