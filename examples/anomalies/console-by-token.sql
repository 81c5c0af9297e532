-- Console sessions made of credentials: a way past the sign-in.
SELECT eventtime, useridentity.arn AS by_whom, eventname, eventsource, sourceipaddress, useragent
FROM main
WHERE eventname IN ('GetSigninToken', 'GetFederationToken')
ORDER BY eventtime DESC
