DROP TRIGGER IF EXISTS ledger_hold_clock ON claim
;;
DROP FUNCTION IF EXISTS ledger_hold_clock()
;;
DROP TRIGGER IF EXISTS ledger_claim_stands ON claim
;;
DROP FUNCTION IF EXISTS ledger_claim_stands()
;;
DROP TRIGGER ledger_claim_fits ON claim
;;
CREATE TRIGGER ledger_claim_fits AFTER INSERT OR UPDATE ON claim FOR EACH ROW WHEN (NEW.state = 'active')
EXECUTE FUNCTION ledger_claim_fits()
;;
DROP FUNCTION database_now()
