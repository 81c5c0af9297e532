-- Everything that was done with one thing: put its id in the place of i-0planted.
SELECT eventtime, useridentity.arn AS who, eventname, errorcode
FROM main
WHERE eventjson LIKE '%i-0planted%'
ORDER BY eventtime
