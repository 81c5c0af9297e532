-- Longest role sessions: The 50 role sessions with the most time between first and last call.
-- tags: T1078.004, role sessions, session duration
SELECT useridentity.arn AS session, min(eventtime) AS began, max(eventtime) AS ended,
       date_diff('minute', min(eventtime), max(eventtime)) AS minutes, count(*) AS calls
FROM main
WHERE useridentity.type = 'AssumedRole'
GROUP BY 1
HAVING count(*) > 1
ORDER BY minutes DESC
LIMIT 50
