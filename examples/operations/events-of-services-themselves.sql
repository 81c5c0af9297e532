-- What services did on their own account.
SELECT eventsource, eventname, count(*) AS times, max(eventtime) AS latest, max_by(serviceeventdetails, eventtime) AS details
FROM main
WHERE eventtype = 'AwsServiceEvent'
GROUP BY 1, 2
ORDER BY times DESC
