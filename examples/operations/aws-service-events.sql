-- AWS service events: Events that AWS services generated without a request.
-- tags: service events, automation
SELECT eventsource, eventname, count(*) AS times, max(eventtime) AS latest, max_by(serviceeventdetails, eventtime) AS details
FROM main
WHERE eventtype = 'AwsServiceEvent'
GROUP BY 1, 2
ORDER BY times DESC
