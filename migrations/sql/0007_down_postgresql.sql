DROP TRIGGER match_notes_listing_new ON listing
;;
DROP TRIGGER match_notes_listing_gone ON listing
;;
DROP TRIGGER match_notes_listing ON listing
;;
DROP TRIGGER match_notes_need_new ON need
;;
DROP TRIGGER match_notes_need_gone ON need
;;
DROP TRIGGER match_notes_need ON need
;;
DROP TRIGGER match_notes_need_status ON need
;;
DROP TRIGGER match_notes_asset ON asset
;;
DROP TRIGGER match_notes_capacity_new ON capacity
;;
DROP TRIGGER match_notes_capacity_gone ON capacity
;;
DROP TRIGGER match_notes_capacity ON capacity
;;
DROP TRIGGER match_notes_claim_new ON claim
;;
DROP TRIGGER match_notes_claim_gone ON claim
;;
DROP TRIGGER match_notes_claim ON claim
;;
DROP TRIGGER match_notes_organisation ON organisation
;;
DROP FUNCTION match_note_id()
;;
DROP FUNCTION match_note_asset_id()
