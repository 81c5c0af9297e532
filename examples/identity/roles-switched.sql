-- Who changed to a role within the console.
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(additionaleventdata, 'SwitchTo') AS switched_to, sourceipaddress
FROM main
WHERE eventsource = 'signin.amazonaws.com' AND eventname = 'SwitchRole'
ORDER BY eventtime DESC
