-- Console sign-ins between midnight and five in the morning, UTC.
SELECT eventtime, useridentity.arn AS who, sourceipaddress, element_at(responseelements, 'ConsoleLogin') AS outcome
FROM main
WHERE eventname = 'ConsoleLogin' AND hour(eventtime) < 5
ORDER BY eventtime DESC
