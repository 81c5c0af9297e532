-- Throttled callers: Callers whose requests a service throttled, by action.
-- tags: throttling, rate limits
SELECT useridentity.arn AS who, eventsource, eventname, count(*) AS throttled, max(eventtime) AS latest
FROM main
WHERE errorcode IN ('ThrottlingException', 'Throttling', 'RequestLimitExceeded', 'Client.RequestLimitExceeded', 'TooManyRequestsException', 'SlowDown')
GROUP BY 1, 2, 3
ORDER BY throttled DESC
