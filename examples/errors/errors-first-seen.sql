-- Errors of a service that nobody had before the last three days.
SELECT eventsource, errorcode, min(eventtime) AS first_seen, count(*) AS times
FROM main
WHERE errorcode IS NOT NULL
GROUP BY 1, 2
HAVING min(eventtime) > now() - INTERVAL '3' DAY
ORDER BY first_seen DESC
