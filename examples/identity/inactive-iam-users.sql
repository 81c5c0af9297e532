-- Inactive IAM users: IAM users without a call in the last seven days: candidates for removal.
-- tags: access review, inactive accounts
SELECT useridentity.arn AS who, max(eventtime) AS last_seen, date_diff('day', max(eventtime), CAST(now() AS timestamp)) AS idle_days
FROM main
WHERE useridentity.type = 'IAMUser'
GROUP BY 1
HAVING max(eventtime) < now() - INTERVAL '7' DAY
ORDER BY last_seen
