-- Accounts by their telephone number. SPDX-License-Identifier: Apache-2.0

-- The owner of two accounts may know of the other one no more than that (SPEC F-18).
CREATE INDEX contact_by_phone ON contact (phone) WHERE phone <> '';
