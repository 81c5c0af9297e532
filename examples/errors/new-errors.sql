-- New errors: Errors of a service that first occurred in the last three days.
-- tags: regressions, troubleshooting
SELECT eventsource, errorcode, min(eventtime) AS first_seen, count(*) AS times
FROM main
WHERE errorcode IS NOT NULL
GROUP BY 1, 2
HAVING min(eventtime) > now() - INTERVAL '3' DAY
ORDER BY first_seen DESC
