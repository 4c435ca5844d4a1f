-- What an announced price is for each slot beside the plan. SPDX-License-Identifier: Apache-2.0

-- List prices; 0: the plan has no price for slots, or the notice is older than this column.
ALTER TABLE price_notice ADD COLUMN slot_old_minor INTEGER NOT NULL DEFAULT 0;
ALTER TABLE price_notice ADD COLUMN slot_new_minor INTEGER NOT NULL DEFAULT 0;
