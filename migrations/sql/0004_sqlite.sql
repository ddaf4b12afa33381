DROP TRIGGER ledger_claim_fits_insert
;;
DROP TRIGGER ledger_claim_fits_update
;;
DROP TRIGGER ledger_slot_once_insert
;;
DROP TRIGGER ledger_slot_once_update
;;
CREATE TRIGGER ledger_claim_fits AFTER INSERT ON claim WHEN NEW.state = 'active' BEGIN
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
CREATE TRIGGER ledger_slot_once AFTER INSERT ON claim WHEN NEW.state = 'active' AND NEW.slot IS NOT NULL BEGIN
    SELECT RAISE(ABORT, 'ledger: the slot is taken')
     WHERE EXISTS (SELECT 1 FROM claim WHERE asset_id = NEW.asset_id AND dimension = NEW.dimension AND slot = NEW.slot
                   AND state = 'active' AND id <> NEW.id AND starts < NEW.ends AND ends > NEW.starts);
END
;;
CREATE TRIGGER ledger_claim_stands BEFORE UPDATE ON claim BEGIN
    SELECT RAISE(ABORT, 'ledger: a claim ends once') WHERE OLD.state <> 'active';
    SELECT RAISE(ABORT, 'ledger: a claim stands as it was made') WHERE (NEW.id, NEW.ref, NEW.asset_id, NEW.dimension, NEW.kind, NEW.slot, NEW.amount_milli, NEW.starts, NEW.ends, NEW.listing_id, NEW.organisation_id, NEW.holder_type, NEW.holder_ref, NEW.note, NEW.equipment, NEW.expires_at, NEW.created_at) IS NOT (OLD.id, OLD.ref, OLD.asset_id, OLD.dimension, OLD.kind, OLD.slot, OLD.amount_milli, OLD.starts, OLD.ends, OLD.listing_id, OLD.organisation_id, OLD.holder_type, OLD.holder_ref, OLD.note, OLD.equipment, OLD.expires_at, OLD.created_at);
END
;;
CREATE TRIGGER ledger_hold_clock_insert BEFORE INSERT ON claim WHEN NEW.kind = 'held' AND NEW.state = 'active' BEGIN
    SELECT RAISE(ABORT, 'ledger: the hold is over before it begins') WHERE NEW.expires_at <= strftime('%Y-%m-%d %H:%M:%f000', 'now');
END
;;
CREATE TRIGGER ledger_hold_clock_update BEFORE UPDATE ON claim WHEN NEW.kind = 'held' BEGIN
    SELECT RAISE(ABORT, 'ledger: the hold is not over yet') WHERE NEW.state = 'expired' AND NEW.expires_at > strftime('%Y-%m-%d %H:%M:%f000', 'now');
    SELECT RAISE(ABORT, 'ledger: the hold is over') WHERE NEW.state = 'converted' AND NEW.expires_at <= strftime('%Y-%m-%d %H:%M:%f000', 'now');
END
