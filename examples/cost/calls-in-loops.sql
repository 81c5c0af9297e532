-- Callers that ask the same more than twenty times in an hour.
SELECT date_trunc('hour', eventtime) AS hour, useridentity.arn AS who, eventsource, eventname, count(*) AS calls
FROM main
WHERE readonly
GROUP BY 1, 2, 3, 4
HAVING count(*) > 20
ORDER BY calls DESC
