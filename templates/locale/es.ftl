# Cada palabra que lee una persona, en las páginas y en los mensajes. Un locale/es.ftl propio reemplaza mensajes uno por uno.
# Texts (sms-..) must stay within the GSM-7 alphabet: é è ù ì ò à ñ ä ö ü are in it, á í ó ú are not, so texts say "codigo". `assent check` counts.

## Facts in words

frequency = { $form ->
    [day] { $count ->
        [one] Hasta 1 mensaje al día
       *[other] Hasta { $count } mensajes al día
    }
    [week] { $count ->
        [one] Hasta 1 mensaje por semana
       *[other] Hasta { $count } mensajes por semana
    }
    [month] { $count ->
        [one] Hasta 1 mensaje al mes
       *[other] Hasta { $count } mensajes al mes
    }
    [per_request] 1 mensaje por solicitud
   *[varies] La frecuencia de mensajes puede variar
}
# How texts say it: "al día" doesn't fit the GSM-7 alphabet.
sms-frequency = { $form ->
    [day] { $count ->
        [one] Hasta 1 mensaje diario
       *[other] Hasta { $count } mensajes diarios
    }
   *[other] { frequency }
}
cost-line = { $wording ->
    [standard] Pueden aplicarse tarifas normales de mensajes y datos
   *[plain] Pueden aplicarse tarifas de mensajes y datos
}
minutes = { $count ->
    [one] 1 minuto
   *[other] { $count } minutos
}
seconds = { $count ->
    [one] 1 segundo
   *[other] { $count } segundos
}
date-utc = { $day } de { $month ->
    [1] enero
    [2] febrero
    [3] marzo
    [4] abril
    [5] mayo
    [6] junio
    [7] julio
    [8] agosto
    [9] septiembre
    [10] octubre
    [11] noviembre
   *[12] diciembre
} de { $year }, { $time } UTC
language-name = Español

## The frame

title-error = Error: { $title }
languages = Idioma
banner-label = Modo de prueba
banner-simulator = Modo de prueba: no se envía ningún mensaje. <a href="/simulator">Abrir los teléfonos simulados</a>
description = Mensajes de texto de { $program }: cómo suscribirse, pedir ayuda y cancelar.
footer-help = Ayuda:
summary-title = Hay un problema

## The opt-in page

start-title = { $kind ->
    [alerts] Reciba nuestros avisos por mensaje
    [marketing] Reciba nuestros mensajes
   *[two_factor] Verifique su teléfono
}
start-description = Suscríbase a los mensajes de texto de { $program } con su { $regions ->
    [us] número de celular de EE. UU.
   *[other] número de celular.
} Con qué frecuencia escribimos, cuánto cuesta y cómo cancelar.
start-lead = { $texts ->
    [no] Usted nos enviará un código de { $length } dígitos para confirmar que este número es suyo.
   *[yes] Le enviaremos un código de { $length } dígitos para confirmar que este número es suyo.
}
phone-label = { $regions ->
    [us] Número de celular de EE. UU.
   *[other] Número de celular
}
start-submit = { $texts ->
    [no] Mostrar un código
   *[yes] Enviarme un código
}

disclosure-frequency = { $form ->
    [varies] { $frequency }
   *[limited] { $frequency }, más las respuestas a los suyos
}
disclosure-stop = Envíe STOP al { $sender } para cancelar.
disclosure-stop-rich = Envíe <b>STOP</b> al <b>{ $sender }</b> para cancelar.
disclosure-help = Envíe HELP al { $sender } para recibir ayuda.
disclosure-help-rich = Envíe <b>HELP</b> al <b>{ $sender }</b> para recibir ayuda.
disclosure-details = <a href="{ $terms_url }">Términos y condiciones</a> · <a href="{ $privacy_url }">Política de privacidad</a>

consent = { $kind ->
    [alerts] Acepto recibir mensajes de texto (SMS) periódicos de { $program } en este número.
    [marketing] Acepto que { $program } me envíe mensajes de texto (SMS) publicitarios periódicos a este número por medios automatizados. Mi consentimiento no es condición para ninguna compra.
   *[two_factor] Acepto recibir mensajes de texto (SMS) de verificación de { $program } en este número.
}

## Errors of the opt-in form

phone-error-empty = Escriba su { $regions ->
    [us] número de celular de EE. UU.
   *[other] número de celular
}
phone-error-letters = Escriba el número en dígitos, sin letras ni extensión
phone-error-unreadable = Escriba el número en dígitos, por ejemplo <span class="nowrap">202 555 0147</span>
phone-error-too-short = Escriba los 10 dígitos de su { $regions ->
    [us] número de celular de EE. UU.
   *[other] número de celular
}
phone-error-too-long = Escriba 10 dígitos: este número tiene más
phone-error-impossible = Revise el número: no es un número válido de EE. UU.
phone-error-service-code = Escriba su propio número de celular: <span class="nowrap">{ $phone }</span> es un número de servicio
phone-error-toll-free = Escriba un número de celular: los números gratuitos no pueden recibir nuestros mensajes
phone-error-premium = Escriba un número de celular: los números de tarifa especial no pueden recibir nuestros mensajes
phone-error-not-mobile = Escriba un número de celular: este tipo de número no puede recibir nuestros mensajes
phone-error-other-region = { $regions ->
    [us] Escriba un número de celular de EE. UU.: nuestros mensajes solo llegan a teléfonos de EE. UU.
   *[other] Escriba un número de EE. UU. o de un lugar cercano al que enviemos mensajes
}
phone-error-fictional = Escriba su propio número: los del 555-0100 al 555-0199 están reservados para ejemplos
consent-error = Marque la casilla si acepta recibir nuestros mensajes
disclosure-error = Nuestras condiciones cambiaron desde que abrió esta página. Léalas de nuevo y marque la casilla si las acepta.
start-error-too-many = Se han pedido demasiados códigos desde aquí. Intente de nuevo en { $wait }.
start-error-unavailable = En este momento no podemos recibir su número. Espere un minuto y presione el botón de nuevo.
start-error-paused = En este momento nuestros mensajes están en pausa. Intente más tarde.
start-error-no-code = No hay ningún código que revisar en este navegador. Escriba su número para recibir uno.

## The code page

code-title = { $texts ->
    [no] Envíenos su código
   *[yes] Escriba su código
}
code-lead-reply = Para confirmar que el <span class="nowrap">{ $phone }</span> es suyo, envíenos este código desde ese número.
code-lead-paused = En este momento nuestros mensajes están en pausa. { $reply ->
    [yes] Para confirmar que el <span class="nowrap">{ $phone }</span> es suyo, envíenos este código desde ese número.
   *[no] Si ya recibió un código en el <span class="nowrap">{ $phone }</span>, todavía es válido.
}
code-lead-delayed = En este momento nuestros mensajes llegan con retraso. { $reply ->
    [yes] Para confirmar que el <span class="nowrap">{ $phone }</span> es suyo, también puede enviarnos este código desde ese número.
   *[no] Si el <span class="nowrap">{ $phone }</span> puede recibir nuestros mensajes, el código llegará en cuanto vuelvan a salir.
}
code-lead = Si el <span class="nowrap">{ $phone }</span> puede recibir nuestros mensajes, un código de { $length } dígitos va en camino.
code-lead-again = Si el <span class="nowrap">{ $phone }</span> puede recibir nuestros mensajes, un nuevo código de { $length } dígitos va en camino. Los dos últimos códigos son válidos.
code-change = Cambiar el número
code-label = Código de { $length } dígitos
code-expires = Vence en { $minutes }.
code-submit = Verificar
resend-title = { $texts ->
    [no] ¿Necesita otro código?
   *[yes] ¿No le llegó?
}
resend-hint = Los mensajes pueden tardar unos minutos.
resend-stopped = ¿Canceló antes nuestros mensajes? Envíe <b>START</b>{ $reply ->
    [yes] , o el código de esta página,
   *[no] {""}
} al <b>{ $sender }</b>.
resend-overdue = ¿Todavía nada? Algunos números no reciben mensajes de códigos cortos. { $reply ->
    [yes] Mejor envíenos un mensaje.
   *[no] Pruebe con otro número de celular.
}
resend-in = en { $wait }
resend-now = Ya puede enviar un código nuevo.
resend-submit = { $texts ->
    [no] Mostrar un código nuevo
   *[yes] Enviar un código nuevo
}
resend-none = { $reply ->
    [yes] { $texts ->
        [no] Estos son todos los códigos que podemos mostrar por ahora. Si ninguno funciona, <a href="/">comience de nuevo</a>.
       *[yes] Estos son todos los mensajes que podemos enviar por ahora. Todavía puede enviarnos uno.
    }
   *[no] Estos son todos los mensajes que podemos enviar por ahora. Si ninguno llega, <a href="/">comience de nuevo</a>.
}
resend-too-many = Se han pedido demasiados códigos desde aquí. Puede pedir otro en { $wait }.
resend-paused = Si ya recibió un código, todavía es válido.
code-alternative = ¿No puede recibir mensajes? <a href="{ $url }">Use otra forma</a>.
code-risk = Cualquier persona que tenga su teléfono puede leer sus mensajes. Nunca comparta el código que le enviamos.

code-error-empty = Escriba el código del mensaje
code-error-not-digits = Escriba el código solo con dígitos
code-error-too-short = Escriba los { $length } dígitos del código
code-error-too-long = Escriba { $length } dígitos: este código tiene más
code-error-wrong = El código no es correcto. { $left ->
    [one] Le queda 1 intento.
   *[other] Le quedan { $left } intentos.
}
code-error-reply = Ese es el código que debe enviarnos. Escriba el que le enviamos.
code-error-expired = Ese código ya venció. Escriba el más reciente o pida uno nuevo.
code-error-other = Después de abrir esta página, pidió un código para el <span class="nowrap">{ $phone }</span>. Escriba el código de ese número.

reply-title = { $place ->
    [first] Envíenos este código
    [again] El código que debe enviar
   *[or] Mejor envíenos un mensaje
}
reply-how = Desde ese teléfono, envíe <b class="figures">{ $code }</b> al <b>{ $sender }</b>.
reply-open = Abrir Mensajes
reply-scan = Escanéelo con ese teléfono para abrir Mensajes.
reply-qr = Código QR que abre un mensaje con { $code } para el { $sender }
reply-sent = Ya lo envié
moving-on = Su mensaje llegó y su teléfono está verificado. Ahora se abre la página siguiente.

## Waiting for the person's text

waiting-title = Esperamos su mensaje
waiting-lead = Cuando llegue su mensaje desde el <span class="nowrap">{ $phone }</span>, se abrirá la página siguiente. Esta página revisa cada pocos segundos.
waiting-back = Volver a su código

## When it has ended

ended-title = { $why ->
    [locked] Demasiados códigos incorrectos
   *[expired] Su código venció
}
ended-lead = { $why ->
    [locked] Para proteger su número, dejamos de revisar códigos aquí. Para recibir uno nuevo, revise su número y la casilla y presione el botón.
   *[expired] Los códigos solo sirven por poco tiempo. Para recibir uno nuevo, revise su número y la casilla y presione el botón.
}

## Done

done-title = { $kind ->
    [two_factor] Su teléfono está verificado
   *[alerts] Ya está suscrito
}
done-lead = { $session ->
    [yes] Para el <span class="nowrap">{ $phone }</span>, usted aceptó esto el
   *[no] Puede cerrar esta página. Para el <span class="nowrap">{ $phone }</span>, usted aceptó esto el
}
done-continue = Continuar a { $name }

## For people who come from one of the owner's sites

phone-hint-on-file = El número que { $site } tiene de usted
session-title = { $why ->
    [verified] Esta solicitud ya terminó
    [locked] Demasiados códigos incorrectos
    [canceled] Esta solicitud se canceló
   *[expired] Esta solicitud venció
}
session-lead = { $why ->
    [verified] Ya se verificó un número para { $site }.
    [locked] Para proteger su número, dejamos de revisar códigos para esta solicitud. Regrese a { $site } para empezar de nuevo.
    [canceled] No se verificó ningún número. Regrese a { $site } para empezar de nuevo.
   *[expired] Las solicitudes están abiertas 30 minutos. Regrese a { $site } para empezar de nuevo.
}
session-back = Regresar a { $site }

## Terms and privacy

terms-title = Términos y condiciones
terms-program = <b>{ $program }</b> envía mensajes de texto (SMS) a quienes los pidieron. Qué enviamos:
terms-frequency-title = Con qué frecuencia enviamos mensajes
terms-cost-title = Cuánto cuesta
terms-cost = { $cost }. Su compañía de telefonía fija esas tarifas. Nosotros no cobramos por nuestros mensajes.
terms-stop-title = Cómo cancelar
terms-stop = Envíe <b>STOP</b> al <b>{ $sender }</b> en cualquier momento. Le enviaremos un último mensaje para confirmarlo. Después, solo respondemos a lo que usted nos escriba. También puede pedirnos que paremos de cualquier otra forma razonable.
terms-help-title = Cómo recibir ayuda
terms-help = Envíe <b>HELP</b> al <b>{ $sender }</b> o escriba a { $contact }.
terms-carriers-title = Entrega
terms-carriers = Las compañías de telefonía no son responsables de los mensajes demorados o no entregados.
terms-consent-title = Su consentimiento
terms-consent = Solo enviamos mensajes a un número después de que su dueño aceptó y confirmó que es suyo. Antes de eso, solo enviamos el código que se pidió en nuestra página. El consentimiento no es condición para ninguna compra.
terms-privacy = Nuestra <a href="{ $url }">Política de privacidad</a> explica cómo tratamos su número.

privacy-title = Política de privacidad
privacy-lead = Cómo trata { $program } su número de celular.
privacy-sharing-title = No lo compartimos con fines publicitarios
privacy-sharing = No compartimos los datos de suscripción móvil, que son su número y su consentimiento para recibir mensajes, con terceros ni afiliados con fines publicitarios o promocionales. La compañía que entrega nuestros mensajes recibe su número solo para entregarlos.
privacy-what-title = Qué guardamos
privacy-what = Su número; cuándo, dónde y cómo aceptó nuestros mensajes, con la página exacta que vio; la dirección IP y el navegador que usó; los mensajes que le enviamos, sin los códigos; y lo que usted nos escribió.
privacy-why-title = Por qué y por cuánto tiempo
privacy-why = Lo guardamos para demostrar que usted aceptó y que dejamos de enviarle mensajes cuando lo pidió. Si nunca confirma su número, lo eliminamos en un plazo de { $days } días.
privacy-stop-title = Cómo cancelar
privacy-stop = Envíe <b>STOP</b> al <b>{ $sender }</b> en cualquier momento.
privacy-contact-title = Preguntas
privacy-contact = Escriba a { $contact }. Nuestros <a href="{ $url }">Términos y condiciones</a> explican cómo funcionan nuestros mensajes.

## Errors

error-reference = Si pide ayuda, dé esta referencia: <b>{ $reference }</b>
error-home = Ir a la página de inicio
error-title = { $status ->
    [400] No pudimos leer esa solicitud
    [403] Esa solicitud no vino de nuestra página
    [404] Página no encontrada
    [405] Eso no funciona en esta página
    [413] Eso era demasiado largo
    [422] Falta algo en el formulario
    [429] Demasiadas solicitudes desde aquí
    [503] En este momento no podemos hacerlo
   *[500] Algo falló de nuestro lado
}
error-body = { $status ->
    [400] Regrese e intente de nuevo. Si vuelve a ocurrir, pruebe con otro navegador.
    [403] Para protegerle, solo aceptamos formularios de nuestras propias páginas. Abra la página e intente allí de nuevo.
    [404] Revise la dirección o vaya a la página de inicio.
    [405] Abra la página en su navegador.
    [413] Regrese y escriba menos.
    [422] Regrese al formulario y complételo de nuevo.
    [429] Espere unos minutos e intente de nuevo.
    [503] Espere un minuto e intente de nuevo.
   *[500] Registramos el problema. Intente de nuevo en unos minutos.
}
error-code-hint = Guardamos el código que escribió.
cookies-title = Las cookies están desactivadas
cookies-body = Necesitamos una cookie para relacionar su código con este navegador. Contiene un número al azar y su idioma, y nada más. Permita las cookies de este sitio y comience de nuevo.

## The simulated phones

simulator-title = Teléfonos simulados
simulator-lead = Los mensajes a cualquier número aparecen aquí y no en un teléfono. No se envía nada, y se borran al reiniciar.
simulator-empty = Todavía no hay mensajes. <a href="/">Abra la página de suscripción</a>, escriba un número como 202 555 0147 y regrese.
simulator-phone = Teléfono { $phone }
simulator-from-them = Para { $sender }
simulator-from-us = De { $sender }
simulator-size = { $encoding }, { $parts ->
    [one] 1 parte
   *[other] { $parts } partes
}, { $units } de { $room }
simulator-answer-label = Responder desde este teléfono
simulator-answer-submit = Enviar
simulator-new-title = Otro teléfono
simulator-new-phone = Número de teléfono
simulator-new-text = Mensaje al { $sender }
simulator-refresh = Mostrar los mensajes nuevos
simulator-error = Escriba un número de celular y un mensaje

## Texts

sms-code = { $program }: { $code } es su codigo. Vence en { $minutes }. No lo comparta. ¿No fue usted? STOP.
sms-goodbye = { $program }: Listo, ya no le enviaremos mensajes. Para volver a recibirlos, responda START.
sms-help = { $program }: Ayuda: { $contact }. { $frequency }. { $cost }. STOP: cancelar.
sms-not-matched = { $program }: No reconocemos este codigo para este teléfono. Pida otro en { $host }. HELP: ayuda. STOP: cancelar.
sms-type-it = { $program }: ¡Gracias! Para terminar, escriba ese codigo en el sitio web. Responda HELP para ayuda, STOP para cancelar.
sms-unknown = { $program }: No entendimos su mensaje. Para dejar de recibir mensajes, responda STOP. Para ayuda, responda HELP.
sms-welcome = { $program }: { $kind ->
    [two_factor] Verificamos su teléfono.
   *[alerts] Ya recibe mensajes.
} { $frequency }. { $cost }. HELP: ayuda. STOP: cancelar.
# The same after a code from the page was texted in: it names the site, since somebody else may have asked for that code.
sms-welcome-on-host = { $program }: { $kind ->
    [two_factor] Verificamos su teléfono en { $host }.
   *[alerts] Ya recibe mensajes. Sitio: { $host }.
} { $frequency }. { $cost }. HELP: ayuda. STOP: cancelar.
# Sent instead if no such welcome goes out. STOP wouldn't undo a verification, so it names the contact.
sms-confirmed = { $program }: Su teléfono acaba de verificarse en { $host }. ¿No fue usted? Contacto: { $contact }.

## Correo para el responsable

email-subject = { $kind ->
    [digest] { $program }: { $count ->
        [one] 1 mensaje requiere su atención
       *[other] { $count } mensajes requieren su atención
    }
    [misconfigured] { $program }: el proveedor de SMS rechaza nuestros mensajes
    [webhook] { $program }: los mensajes de los teléfonos no nos llegan
    [outage] { $program }: no hay conexión con el proveedor de SMS
    [wal] { $program }: el registro de la base de datos no deja de crecer
   *[receipts] { $program }: muchos mensajes no llegan
}
email-digest-lead = { $count ->
    [one] Este mensaje no coincide con ninguna palabra clave ni con un código. Puede ser una solicitud de baja en palabras que no conocemos.
   *[other] Estos { $count } mensajes no coinciden con ninguna palabra clave ni con un código. Cada uno puede ser una solicitud de baja en palabras que no conocemos.
}
email-digest-from = { $phone } escribió el { $received }:
email-digest-deadline = Si la persona no quiere más mensajes, dela de baja a más tardar el { $deadline }:
email-digest-what = Reemplace los puntos con las palabras de la persona. Si un mensaje pide otra cosa, respóndalo usted.
email-notice-lead = { $kind ->
    [misconfigured] El proveedor de SMS ({ $provider }) rechaza nuestras solicitudes, y seguirá haciéndolo hasta que se corrija un ajuste.
    [webhook] Lo que nos envía el proveedor de SMS ({ $provider }) no se puede usar. STOP, HELP y los códigos de los teléfonos se pierden hasta que esto se corrija.
    [outage] El proveedor de SMS ({ $provider }) falló varias veces seguidas. Los mensajes quedan en espera y se reintentarán automáticamente. Las páginas de código avisan que llegan con retraso.
    [wal] El registro de escritura anticipada de la base de datos no deja de crecer, porque algo lleva demasiado tiempo leyéndola. Ocupa espacio en disco hasta que eso termine.
   *[receipts] En las últimas 24 horas, 50 códigos o más no llegaron a sus teléfonos, según los informes de los operadores a través de { $provider }.
}
email-notice-why = Motivo: { $why }
email-notice-what = { $kind ->
    [misconfigured] Compare la configuración (assent check) con el panel del proveedor y después pruebe assent send-test con su propio número.
    [webhook] Corríjalo en el panel del proveedor o en la configuración; después envíe HELP a su remitente y compruebe que recibe respuesta.
    [outage] No tiene que hacer nada. Si continúa, consulte la página de estado del proveedor.
    [wal] Busque qué mantiene abierta la base de datos, como una copia de seguridad o una consola, y ciérrelo. Si no hay nada, reinicie Assent.
   *[receipts] Los motivos están en messages.error, en la base de datos. Si muchos son iguales, es posible que un operador esté bloqueando el remitente: consulte al proveedor.
}
sms-test = { $program }: Este es un mensaje de prueba del responsable del sitio. Responda HELP para ayuda, STOP para cancelar.
