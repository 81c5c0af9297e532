-- Console sign-ins at night: Console sign-ins between 00:00 and 05:00 UTC.
-- tags: T1078.004, initial access, off-hours
SELECT eventtime, useridentity.arn AS who, sourceipaddress, element_at(responseelements, 'ConsoleLogin') AS outcome
FROM main
WHERE eventname = 'ConsoleLogin' AND hour(eventtime) < 5
ORDER BY eventtime DESC
