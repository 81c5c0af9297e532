-- Callers that a service slows down: programs that ask in a loop.
SELECT useridentity.arn AS who, eventsource, eventname, count(*) AS throttled, max(eventtime) AS latest
FROM main
WHERE errorcode IN ('ThrottlingException', 'Throttling', 'RequestLimitExceeded', 'Client.RequestLimitExceeded', 'TooManyRequestsException', 'SlowDown')
GROUP BY 1, 2, 3
ORDER BY throttled DESC
