<#ftl output_format="HTML">
<!DOCTYPE html>
<title>Hangman</title>
<p id="word">${word}</p>
<p id="wrong">${wrong}</p>
<p id="said"><#list actionMessages as message>${message} </#list><#list actionErrors as error>${error} </#list></p>
<form method="post" action="guess">
  <@s.token/>
  <input name="letter" maxlength="1"> <button>Guess</button>
</form>
