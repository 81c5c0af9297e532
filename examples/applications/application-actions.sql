-- Application actions: Actions in applications outside AWS, with their number of users.
-- tags: application activity, external events
SELECT eventdata.eventsource AS application, eventdata.eventname AS action, count(*) AS times, count(DISTINCT eventdata.useridentity.principalid) AS actors
FROM applications
GROUP BY 1, 2
ORDER BY times DESC
