-- What fills the trail: the services and actions with the most text, which the managed service charges for.
SELECT eventsource, eventname, count(*) AS events, round(sum(length(eventjson)) / 1e6, 3) AS megabytes
FROM main
GROUP BY 1, 2
ORDER BY megabytes DESC
LIMIT 20
