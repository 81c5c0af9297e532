-- Reconnaissance: Callers that listed or described resources of at least five services within ten minutes.
-- tags: T1580, T1526, discovery, enumeration
SELECT useridentity.arn AS who, from_unixtime(floor(to_unixtime(eventtime) / 600) * 600) AS from_time, count(DISTINCT eventsource) AS services, count(*) AS looks
FROM main
WHERE readonly AND regexp_like(eventname, '^(List|Describe|Get)') AND useridentity.type <> 'AWSService'
GROUP BY 1, 2
HAVING count(DISTINCT eventsource) >= 5
ORDER BY services DESC
