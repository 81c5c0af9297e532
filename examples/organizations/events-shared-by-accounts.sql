-- Events shared by accounts: Actions whose event several member accounts received.
-- tags: shared events, deduplication
SELECT sharedeventid, min(eventname) AS eventname, array_sort(array_agg(DISTINCT recipientaccountid)) AS members, min(eventtime) AS eventtime
FROM main
WHERE sharedeventid IS NOT NULL
GROUP BY 1
HAVING count(DISTINCT recipientaccountid) > 1
ORDER BY eventtime DESC
