-- Late and corrected events: Events that CloudTrail delivered late or again, by reason.
-- tags: delivery delays, data quality
SELECT element_at(addendum, 'reason') AS reason, eventsource, count(*) AS events, min(eventtime) AS since
FROM main
WHERE addendum IS NOT NULL
GROUP BY 1, 2
ORDER BY events DESC
