-- IAM Identity Center users: Calls of IAM Identity Center users, by user ID and service.
-- tags: identity center, single sign-on
SELECT useridentity.onbehalfof.userid AS person, eventsource, count(*) AS calls, max(eventtime) AS latest
FROM main
WHERE useridentity.onbehalfof.userid IS NOT NULL
GROUP BY 1, 2
ORDER BY calls DESC
