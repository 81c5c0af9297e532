-- New source addresses of IAM users: Source addresses that a known IAM user called from for the first time in the last seven days.
-- tags: T1078.004, anomaly detection, source addresses
SELECT who, sourceipaddress, first_seen, calls
FROM (
  SELECT useridentity.arn AS who, sourceipaddress, min(eventtime) AS first_seen, count(*) AS calls,
         min(min(eventtime)) OVER (PARTITION BY useridentity.arn) AS who_first_seen
  FROM main
  WHERE useridentity.type = 'IAMUser'
  GROUP BY 1, 2)
WHERE first_seen > now() - INTERVAL '7' DAY AND who_first_seen < now() - INTERVAL '7' DAY
ORDER BY first_seen DESC
