-- Events that came late or again, and why.
SELECT element_at(addendum, 'reason') AS reason, eventsource, count(*) AS events, min(eventtime) AS since
FROM main
WHERE addendum IS NOT NULL
GROUP BY 1, 2
ORDER BY events DESC
