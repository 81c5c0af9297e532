-- What people of the identity centre did, by their id there.
SELECT useridentity.onbehalfof.userid AS person, eventsource, count(*) AS calls, max(eventtime) AS latest
FROM main
WHERE useridentity.onbehalfof.userid IS NOT NULL
GROUP BY 1, 2
ORDER BY calls DESC
