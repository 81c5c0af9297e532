-- Polling callers: Callers that repeat one read call more than 20 times in an hour.
-- tags: polling, api usage
SELECT date_trunc('hour', eventtime) AS hour, useridentity.arn AS who, eventsource, eventname, count(*) AS calls
FROM main
WHERE readonly
GROUP BY 1, 2, 3, 4
HAVING count(*) > 20
ORDER BY calls DESC
