-- What must hold of plans and slots; see doctor.sql. SPDX-License-Identifier: Apache-2.0

-- doctor_membership_slots :one plan_finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(m.account_id AS TEXT) AS sample
      FROM membership m
      LEFT JOIN slot s ON s.account_id = m.account_id AND s.end_day = 0
      GROUP BY m.account_id, m.slots
      HAVING COALESCE(SUM(CAST(1 AS BIGINT) << CAST(s.slot_no - 1 AS INTEGER)), 0) <> m.slots
     ) broken;

-- doctor_membership_next_plan :one plan_finding
-- :findings int
-- :sample text
SELECT COUNT(*) AS findings, COALESCE(MIN(sample), '') AS sample
FROM (SELECT CAST(m.account_id AS TEXT) AS sample
      FROM membership m
      LEFT JOIN plan_change p ON p.account_id = m.account_id AND p.change_state = 'scheduled'
      GROUP BY m.account_id, m.next_plan
      HAVING COUNT(p.change_id) <> CASE WHEN m.next_plan = '' THEN 0 ELSE 1 END
          OR COALESCE(MAX(p.to_plan), '') <> m.next_plan
     ) broken;
