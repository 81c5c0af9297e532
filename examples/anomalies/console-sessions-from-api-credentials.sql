-- Console sessions from API credentials: Sign-in and federation tokens, which open the console without a password or MFA.
-- tags: T1550.001, lateral movement, federation token
SELECT eventtime, useridentity.arn AS by_whom, eventname, eventsource, sourceipaddress, useragent
FROM main
WHERE eventname IN ('GetSigninToken', 'GetFederationToken')
ORDER BY eventtime DESC
