DROP TRIGGER match_notes_listing_new
;;
DROP TRIGGER match_notes_listing_gone
;;
DROP TRIGGER match_notes_listing
;;
DROP TRIGGER match_notes_need_new
;;
DROP TRIGGER match_notes_need_gone
;;
DROP TRIGGER match_notes_need
;;
DROP TRIGGER match_notes_need_status
;;
DROP TRIGGER match_notes_asset
;;
DROP TRIGGER match_notes_capacity_new
;;
DROP TRIGGER match_notes_capacity_gone
;;
DROP TRIGGER match_notes_capacity
;;
DROP TRIGGER match_notes_claim_new
;;
DROP TRIGGER match_notes_claim_gone
;;
DROP TRIGGER match_notes_claim
;;
DROP TRIGGER match_notes_organisation
