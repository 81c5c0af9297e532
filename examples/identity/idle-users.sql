-- Users of IAM that were not seen for a week: candidates for removal.
SELECT useridentity.arn AS who, max(eventtime) AS last_seen, date_diff('day', max(eventtime), CAST(now() AS timestamp)) AS idle_days
FROM main
WHERE useridentity.type = 'IAMUser'
GROUP BY 1
HAVING max(eventtime) < now() - INTERVAL '7' DAY
ORDER BY last_seen
