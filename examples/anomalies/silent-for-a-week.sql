-- Access keys that came back after a week of silence.
SELECT key_id, who, silent_since, eventtime AS woke
FROM (
  SELECT useridentity.accesskeyid AS key_id, useridentity.arn AS who, eventtime, lag(eventtime) OVER (PARTITION BY useridentity.accesskeyid ORDER BY eventtime) AS silent_since
  FROM main
  WHERE useridentity.accesskeyid LIKE 'AKIA%')
WHERE eventtime - silent_since > INTERVAL '7' DAY
ORDER BY woke DESC
