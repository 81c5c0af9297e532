-- Public Lambda functions: Lambda functions that anyone may call: by a URL without authentication, or by a permission for the principal "*".
-- tags: T1648, persistence, public access
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'functionName') AS function_name, coalesce(element_at(requestparameters, 'authType'), element_at(requestparameters, 'principal')) AS for_whom
FROM main
WHERE eventsource = 'lambda.amazonaws.com' AND eventname IN ('CreateFunctionUrlConfig', 'AddPermission20150331v2', 'UpdateFunctionUrlConfig')
  AND (element_at(requestparameters, 'authType') = 'NONE' OR element_at(requestparameters, 'principal') = '*')
ORDER BY eventtime DESC
