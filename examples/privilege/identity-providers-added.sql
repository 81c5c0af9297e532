-- Identity providers added: SAML and OpenID Connect providers that were added to an account.
-- tags: T1484.002, persistence, federation
SELECT eventtime, useridentity.arn AS by_whom, eventname, coalesce(element_at(requestparameters, 'name'), element_at(requestparameters, 'url')) AS provider
FROM main
WHERE eventsource = 'iam.amazonaws.com' AND eventname IN ('CreateSAMLProvider', 'CreateOpenIDConnectProvider')
ORDER BY eventtime DESC
