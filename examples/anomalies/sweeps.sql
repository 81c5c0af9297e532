-- Callers that looked around in five services or more within ten minutes.
SELECT useridentity.arn AS who, from_unixtime(floor(to_unixtime(eventtime) / 600) * 600) AS from_time, count(DISTINCT eventsource) AS services, count(*) AS looks
FROM main
WHERE readonly AND regexp_like(eventname, '^(List|Describe|Get)') AND useridentity.type <> 'AWSService'
GROUP BY 1, 2
HAVING count(DISTINCT eventsource) >= 5
ORDER BY services DESC
