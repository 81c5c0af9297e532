-- Identity providers that an account trusts from then on.
SELECT eventtime, useridentity.arn AS by_whom, eventname, coalesce(element_at(requestparameters, 'name'), element_at(requestparameters, 'url')) AS provider
FROM main
WHERE eventsource = 'iam.amazonaws.com' AND eventname IN ('CreateSAMLProvider', 'CreateOpenIDConnectProvider')
ORDER BY eventtime DESC
