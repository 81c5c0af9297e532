-- Role switches in the console: Users who switched to a role in the console.
-- tags: T1078.004, lateral movement, switch role
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(additionaleventdata, 'SwitchTo') AS switched_to, sourceipaddress
FROM main
WHERE eventsource = 'signin.amazonaws.com' AND eventname = 'SwitchRole'
ORDER BY eventtime DESC
