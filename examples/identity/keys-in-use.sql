-- Long-lived access keys of users in use: since when, how often, from how many addresses.
SELECT useridentity.accesskeyid AS key_id, useridentity.arn AS who, min(eventtime) AS first_use, max(eventtime) AS last_use,
       count(*) AS calls, count(DISTINCT sourceipaddress) AS addresses
FROM main
WHERE useridentity.accesskeyid LIKE 'AKIA%'
GROUP BY 1, 2
ORDER BY calls DESC
