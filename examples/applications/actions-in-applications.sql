-- What was done in applications outside of AWS.
SELECT eventdata.eventsource AS application, eventdata.eventname AS action, count(*) AS times, count(DISTINCT eventdata.useridentity.principalid) AS actors
FROM applications
GROUP BY 1, 2
ORDER BY times DESC
