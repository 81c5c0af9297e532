-- Successful brute-force sign-ins: Source addresses with at least five failed console sign-ins in the hour before a successful one.
-- tags: T1110, T1078.004, brute force, password guessing, credential access
WITH sign_ins AS (
  SELECT eventtime, sourceipaddress, useridentity.username AS who,
         element_at(responseelements, 'ConsoleLogin') AS outcome
  FROM main
  WHERE eventname = 'ConsoleLogin'
)
SELECT s.eventtime, s.sourceipaddress, s.who, count(*) AS failed_before
FROM sign_ins s
JOIN sign_ins f ON f.sourceipaddress = s.sourceipaddress
  AND f.outcome = 'Failure' AND f.eventtime BETWEEN s.eventtime - INTERVAL '1' HOUR AND s.eventtime
WHERE s.outcome = 'Success'
GROUP BY 1, 2, 3
HAVING count(*) >= 5
ORDER BY 1
