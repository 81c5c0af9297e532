-- Dormant access keys: Access keys that were used again after more than seven days without a call.
-- tags: T1078.004, dormant credentials, initial access
SELECT key_id, who, silent_since, eventtime AS woke
FROM (
  SELECT useridentity.accesskeyid AS key_id, useridentity.arn AS who, eventtime, lag(eventtime) OVER (PARTITION BY useridentity.accesskeyid ORDER BY eventtime) AS silent_since
  FROM main
  WHERE useridentity.accesskeyid LIKE 'AKIA%')
WHERE eventtime - silent_since > INTERVAL '7' DAY
ORDER BY woke DESC
