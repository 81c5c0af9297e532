-- Which language models are asked, by whom.
SELECT element_at(requestparameters, 'modelId') AS model, useridentity.arn AS who, count(*) AS calls, max(eventtime) AS latest
FROM main
WHERE eventsource = 'bedrock.amazonaws.com' AND eventname IN ('InvokeModel', 'InvokeModelWithResponseStream', 'Converse', 'ConverseStream')
GROUP BY 1, 2
ORDER BY calls DESC
