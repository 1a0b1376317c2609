<%@ page contentType="text/html;charset=UTF-8" %>
<%@ taglib prefix="spring" uri="http://www.springframework.org/tags" %>
<%@ taglib prefix="form" uri="http://www.springframework.org/tags/form" %>
<!DOCTYPE html>
<title>Sent</title>
<form:form modelAttribute="order" action="${flowExecutionUrl}">
  <p id="summary"><spring:escapeBody htmlEscape="true">${order.article} is on its way to ${order.address}.</spring:escapeBody></p>
  <button name="_eventId_again">Again</button>
</form:form>
