-- Access keys in use: Long-term access keys in use, with first use, last use, calls and number of source addresses.
-- tags: access keys, credential inventory
SELECT useridentity.accesskeyid AS key_id, useridentity.arn AS who, min(eventtime) AS first_use, max(eventtime) AS last_use,
       count(*) AS calls, count(DISTINCT sourceipaddress) AS addresses
FROM main
WHERE useridentity.accesskeyid LIKE 'AKIA%'
GROUP BY 1, 2
ORDER BY calls DESC
