-- Application errors: Errors that applications outside AWS reported, each with a message as an example.
-- tags: application activity, error rate
SELECT eventdata.eventsource AS application, eventdata.eventname AS action, eventdata.errorcode AS error, count(*) AS times, max(eventdata.errormessage) AS such_as
FROM applications
WHERE eventdata.errorcode IS NOT NULL
GROUP BY 1, 2, 3
ORDER BY times DESC
