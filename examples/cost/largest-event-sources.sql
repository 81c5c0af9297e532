-- Largest event sources: Services and actions with the most event data, which CloudTrail Lake charges for.
-- tags: data volume, ingestion cost
SELECT eventsource, eventname, count(*) AS events, round(sum(length(eventjson)) / 1e6, 3) AS megabytes
FROM main
GROUP BY 1, 2
ORDER BY megabytes DESC
LIMIT 20
