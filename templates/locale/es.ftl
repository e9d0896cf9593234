# Cada palabra que lee una persona, en las páginas y en los mensajes. Un locale/es.ftl propio reemplaza mensajes uno por uno.
# Texts (sms-..) must stay within the GSM-7 alphabet: é è ù ì ò à ñ ä ö ü are in it, á í ó ú are not. `assent check` counts.

## Facts in words

frequency = { $form ->
    [day] { $count ->
        [one] Hasta 1 mensaje diario
       *[other] Hasta { $count } mensajes diarios
    }
    [week] { $count ->
        [one] Hasta 1 mensaje semanal
       *[other] Hasta { $count } mensajes semanales
    }
    [month] { $count ->
        [one] Hasta 1 mensaje mensual
       *[other] Hasta { $count } mensajes mensuales
    }
    [per_request] 1 mensaje por solicitud
   *[varies] La frecuencia de mensajes puede variar
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
banner-simulator = Modo de prueba: ningún mensaje sale de esta máquina. <a href="/simulator">Abrir los teléfonos simulados</a>
footer-help = Ayuda:
summary-title = Hay un problema

## The opt-in page

start-title = { $kind ->
    [alerts] Reciba nuestros avisos por mensaje
    [marketing] Reciba nuestros mensajes
   *[two_factor] Verifique su teléfono
}
start-lead = { $kind ->
    [alerts] { $program } le envía mensajes de texto una vez que usted demuestre que el número es suyo.
    [marketing] { $program } le envía mensajes de texto una vez que usted demuestre que el número es suyo.
   *[two_factor] { $texts ->
        [no] { $program } le muestra un código que usted envía desde su teléfono, para que nadie más pueda usar su número.
       *[yes] { $program } le envía un código por mensaje de texto, para que nadie más pueda usar su número.
    }
}
phone-label = { $regions ->
    [us] Número de celular de EE. UU.
   *[other] Número de celular
}
phone-hint = { $texts ->
    [no] A continuación, usted nos envía un código de { $length } dígitos desde ese número.
   *[yes] Le enviaremos ahora un código de { $length } dígitos.
}
start-submit = { $texts ->
    [no] Mostrar un código
   *[yes] Enviarme un código
}

disclosure-what-label = Qué enviamos
disclosure-frequency-label = Con qué frecuencia
disclosure-stop-label = Para cancelar
disclosure-help-label = Para recibir ayuda
disclosure-cost-label = Costo
disclosure-details-label = Detalles
disclosure-frequency = { $form ->
    [varies] { $frequency }
   *[limited] { $frequency }, sin contar las respuestas a sus propios mensajes
}
disclosure-stop = Envíe STOP al { $sender } en cualquier momento
disclosure-stop-rich = Envíe <b>STOP</b> al <b>{ $sender }</b> en cualquier momento
disclosure-help = Envíe HELP al { $sender }
disclosure-help-rich = Envíe <b>HELP</b> al <b>{ $sender }</b>
disclosure-details = <a href="{ $terms_url }">Términos y condiciones</a> y <a href="{ $privacy_url }">Política de privacidad</a>

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
phone-error-unreadable = Escriba el número en dígitos, por ejemplo 202 555 0147
phone-error-too-short = Escriba los 10 dígitos de su { $regions ->
    [us] número de celular de EE. UU.
   *[other] número de celular
}
phone-error-too-long = Escriba 10 dígitos: este número tiene más
phone-error-impossible = Revise el número: ningún teléfono de EE. UU. tiene ese número
phone-error-service-code = Escriba su propio número de celular: { $phone } es un número de servicio
phone-error-toll-free = Escriba un número de celular: los números gratuitos no pueden recibir nuestros mensajes
phone-error-premium = Escriba un número de celular: los números de tarifa especial no pueden recibir nuestros mensajes
phone-error-not-mobile = Escriba un número de celular: este tipo de número no puede recibir nuestros mensajes
phone-error-other-region = { $regions ->
    [us] Escriba un número de celular de EE. UU.: nuestros mensajes solo llegan a teléfonos de EE. UU.
   *[other] Escriba un número de EE. UU. o de un lugar cercano al que podamos enviar mensajes
}
phone-error-fictional = Escriba su número real: los números del 555-0100 al 555-0199 no son de nadie
consent-error = Marque la casilla si acepta recibir nuestros mensajes
disclosure-error = Nuestras condiciones cambiaron desde que abrió esta página. Léalas de nuevo y marque la casilla si las acepta
start-error-too-many = Se pidieron demasiados códigos desde aquí. Intente de nuevo en { $wait }
start-error-unavailable = En este momento no podemos recibir su número. No se pierde nada: presione el botón de nuevo en un minuto
start-error-paused = Nuestros mensajes están en pausa por ahora. No se pierde nada: intente más tarde
start-error-no-code = Este navegador no tiene ningún código por revisar. Escriba su número para recibir uno

## The code page

code-title = { $texts ->
    [no] Envíenos su código
   *[yes] Escriba su código
}
code-lead-reply = Para demostrar que <span class="nowrap">{ $phone }</span> es suyo, envíenos desde ese número el código que aparece abajo.
code-lead-paused = En este momento nuestros mensajes están en pausa. { $reply ->
    [yes] Para demostrar que <span class="nowrap">{ $phone }</span> es suyo, envíenos desde ese número el código que aparece abajo.
   *[no] Un código enviado antes a <span class="nowrap">{ $phone }</span> todavía sirve.
}
code-lead-delayed = En este momento nuestros mensajes llegan con retraso para todos. { $reply ->
    [yes] Para demostrar que <span class="nowrap">{ $phone }</span> es suyo, envíenos desde ese número el código que aparece abajo: eso funciona de inmediato.
   *[no] Si <span class="nowrap">{ $phone }</span> puede recibir nuestros mensajes, el código llegará en cuanto salgan.
}
code-lead = Si <span class="nowrap">{ $phone }</span> puede recibir nuestros mensajes, un código de { $length } dígitos va en camino.
code-lead-again = Si <span class="nowrap">{ $phone }</span> puede recibir nuestros mensajes, un nuevo código de { $length } dígitos va en camino. Los dos últimos códigos sirven.
code-change = Cambiar el número
code-label = Código de { $length } dígitos
code-hint = Sirve durante { $minutes }.
code-submit = Verificar
resend-title = { $texts ->
    [no] ¿Necesita otro código?
   *[yes] ¿No le llegó?
}
resend-hint = Los mensajes pueden tardar unos minutos.
resend-stopped = ¿Canceló antes nuestros mensajes? Envíe <b>START</b>{ $reply ->
    [yes] , o el código de arriba,
   *[no] {""}
} al <b>{ $sender }</b>.
resend-overdue = ¿Todavía nada? Algunos números no reciben mensajes de códigos cortos. { $reply ->
    [yes] Mejor envíenos el código de arriba.
   *[no] Pruebe con otro número de celular.
}
resend-wait = Puede pedir un código nuevo en { $wait }.
resend-now = Ya puede pedir un código nuevo.
resend-submit = { $texts ->
    [no] Mostrar un código nuevo
   *[yes] Enviar un código nuevo
}
resend-none = { $reply ->
    [yes] { $texts ->
        [no] Estos son todos los códigos que podemos mostrar por ahora. Si ninguno sirve, <a href="/">comience de nuevo</a>.
       *[yes] Ya pedimos todos los mensajes que podemos por ahora. Mejor envíenos el código de arriba.
    }
   *[no] Ya pedimos todos los mensajes que podemos por ahora. Si ninguno llega, <a href="/">comience de nuevo</a>.
}
resend-too-many = Se pidieron demasiados códigos desde aquí. Puede pedir otro en { $wait }.
resend-paused = En este momento nuestros mensajes están en pausa. Un código enviado antes todavía sirve.
code-alternative = ¿No puede recibir mensajes? <a href="{ $url }">Use otra forma</a>.
code-risk = Quien tenga su teléfono puede leer un mensaje. Nunca le diga a nadie el código que le enviamos.

code-error-empty = Escriba el código del mensaje
code-error-not-digits = El código tiene solamente dígitos
code-error-too-short = El código tiene { $length } dígitos: este tiene menos
code-error-too-long = El código tiene { $length } dígitos: este tiene más
code-error-wrong = Este no es el código. { $left ->
    [one] Le queda 1 intento
   *[other] Le quedan { $left } intentos
}
code-error-reply = Este es el código que debe enviar desde su teléfono. Escriba el que le enviamos por mensaje
code-error-expired = Este código ya venció. Escriba el más reciente o pida uno nuevo

reply-title = { $place ->
    [first] Envíenos este código
    [again] El código que debe enviar
   *[or] O envíenos un código
}
reply-how = Envíe <b class="figures">{ $code }</b> al <b>{ $sender }</b> desde ese teléfono.
reply-open = Abrir el mensaje
reply-scan = Escanéelo con ese teléfono para abrir el mensaje.
reply-qr = Código QR que abre un mensaje con { $code } para el { $sender }
reply-sent = Ya lo envié
moving-on = Su mensaje llegó y su teléfono está verificado. Ahora se abre la página siguiente.

## Waiting for the person's text

waiting-title = Esperamos su mensaje
waiting-lead = En cuanto llegue su mensaje desde <span class="nowrap">{ $phone }</span>, esta página continúa por sí sola. Revisa cada pocos segundos.
waiting-back = Volver a la página del código

## When it has ended

ended-title = { $why ->
    [locked] Demasiados códigos incorrectos
   *[expired] Su código venció
}
ended-lead = { $why ->
    [locked] Para proteger su número, aquí dejamos de revisar códigos. Puede recibir uno nuevo: revise su número, marque la casilla y presione el botón.
   *[expired] Un código sirve solo por poco tiempo. No se pierde nada: revise su número, marque la casilla y reciba uno nuevo.
}

## Done

done-title = Su teléfono está verificado
done-lead = Puede cerrar esta página. Esto es lo que usted aceptó el
done-number = Número
done-from = De
done-continue = Continuar a { $name }

## Terms and privacy

terms-title = Términos y condiciones
terms-program = <b>{ $program }</b> envía mensajes de texto (SMS) a quienes los pidieron. Qué enviamos:
terms-frequency-title = Con qué frecuencia enviamos mensajes
terms-cost-title = Cuánto cuesta
terms-cost = { $cost }. Su compañía de telefonía fija esas tarifas; nosotros no cobramos nada por nuestros mensajes.
terms-stop-title = Cómo cancelar
terms-stop = Envíe <b>STOP</b> al <b>{ $sender }</b> en cualquier momento. Recibirá un último mensaje que lo confirma; después solo contestamos lo que usted nos escriba. También puede avisarnos de cualquier otra manera que le convenga.
terms-help-title = Cómo recibir ayuda
terms-help = Envíe <b>HELP</b> al <b>{ $sender }</b> o escriba a { $contact }.
terms-carriers-title = Entrega
terms-carriers = Las compañías de telefonía no son responsables de los mensajes demorados o no entregados.
terms-consent-title = Su consentimiento
terms-consent = Enviamos nuestros mensajes a un número solamente después de que su dueño aceptó y demostró que es suyo; antes de eso, solo el código que se pidió en nuestra página. El consentimiento no es condición para ninguna compra.
terms-privacy = Cómo tratamos su número está en nuestra <a href="{ $url }">Política de privacidad</a>.

privacy-title = Política de privacidad
privacy-lead = Cómo trata { $program } su número de celular.
privacy-sharing-title = No lo compartimos con fines publicitarios
privacy-sharing = No compartimos los datos de suscripción móvil, que son su número y su consentimiento para recibir mensajes, con terceros ni afiliados con fines publicitarios o promocionales. La compañía que entrega nuestros mensajes recibe su número para entregarlos y para nada más.
privacy-what-title = Qué guardamos
privacy-what = Su número; cuándo, dónde y cómo aceptó nuestros mensajes, con la página exacta que vio; la dirección y el navegador que usó; los mensajes que le enviamos, sin los códigos; y lo que usted nos escribió.
privacy-why-title = Por qué y por cuánto tiempo
privacy-why = Lo guardamos para demostrar que usted aceptó y que dejamos de enviarle mensajes cuando lo pidió. Si nunca confirmó su número, lo olvidamos a más tardar después de { $days } días.
privacy-stop-title = Cómo cancelar
privacy-stop = Envíe <b>STOP</b> al <b>{ $sender }</b> en cualquier momento.
privacy-contact-title = Preguntas
privacy-contact = Escriba a { $contact }. Nuestros <a href="{ $url }">Términos y condiciones</a> explican cómo funcionan nuestros mensajes.

## Errors

error-reference = Si pide ayuda, dé esta referencia: <b>{ $reference }</b>
error-home = Ir a la página de inicio
error-title = { $status ->
    [400] Su navegador envió algo que no podemos leer
    [403] Esta solicitud no vino de nuestra página
    [404] Aquí no hay ninguna página
    [405] Esta página no acepta esa solicitud
    [413] El formulario contiene demasiado texto
    [422] Falta algo en el formulario
    [429] Demasiadas solicitudes desde aquí
    [503] En este momento no podemos hacerlo
   *[500] Algo falló de nuestro lado
}
error-body = { $status ->
    [400] Regrese e intente de nuevo. Si vuelve a ocurrir, otro navegador puede servir.
    [403] Para protegerle, solo actuamos según lo que usted hace en nuestras propias páginas. Abra la página e intente allí.
    [404] Revise la dirección o comience en la página de inicio.
    [405] Mejor abra la página en su navegador.
    [413] Los formularios de aquí son cortos. Regrese y escriba menos.
    [422] Regrese al formulario y complételo de nuevo.
    [429] Espere unos minutos e intente de nuevo.
    [503] No se pierde nada. Espere un minuto e intente de nuevo.
   *[500] Quedó registrado y no se pierde nada de lo que hizo. Intente de nuevo en unos minutos.
}
error-code-hint = Este es el código que escribió.
cookies-title = Su navegador no guardó ninguna cookie
cookies-body = Necesitamos una cookie para saber que el código y el navegador van juntos. Contiene un número al azar y nada más. Permita las cookies de este sitio y comience de nuevo.

## The simulated phones

simulator-title = Teléfonos simulados
simulator-lead = Los mensajes a cualquier número aparecen aquí y no en un teléfono. No se envía nada, y al reiniciar se olvidan.
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
simulator-new-phone = Su número
simulator-new-text = Qué le escribe al { $sender }
simulator-refresh = Mostrar los mensajes nuevos
simulator-error = Escriba un número de celular y un mensaje

## Texts

sms-code = { $program }: { $code } es su clave para verificar su teléfono. Vence en { $minutes }. No la comparta. ¿No fue usted? Responda STOP.
sms-goodbye = { $program }: Listo, ya no le enviaremos mensajes. Para volver a recibirlos, responda START.
sms-help = { $program }: Ayuda: { $contact }. { $frequency }. { $cost }. STOP: cancelar.
sms-not-matched = { $program }: No reconocemos esta clave para este teléfono. Pida otra en { $host }. Responda HELP para ayuda, STOP para cancelar.
sms-type-it = { $program }: Gracias. Para terminar, escriba esa clave en el sitio web. Responda HELP para ayuda, STOP para cancelar.
sms-unknown = { $program }: Nadie lee las respuestas a estos mensajes. Responda HELP para ayuda, STOP para cancelar.
sms-welcome = { $program }: Ya recibe mensajes. { $frequency }. { $cost }. HELP: ayuda. STOP: cancelar.
# The same after a code from the page was texted in: it names the site, since somebody else may have asked for that code.
sms-welcome-on-host = { $program }: Ya recibe mensajes. Sitio: { $host }. { $frequency }. { $cost }. HELP: ayuda. STOP: cancelar.
# Follows where no such welcome goes out. STOP would not undo a verification, so it names the contact.
sms-confirmed = { $program }: Su teléfono acaba de verificarse en { $host }. ¿No fue usted? Contacto: { $contact }.

## Correo para el responsable

email-subject = { $kind ->
    [digest] { $program }: { $count ->
        [one] 1 mensaje espera que usted lo lea
       *[other] { $count } mensajes esperan que usted los lea
    }
    [misconfigured] { $program }: el proveedor de SMS rechaza nuestros mensajes
    [webhook] { $program }: los mensajes de los teléfonos no nos llegan
    [outage] { $program }: no se puede contactar al proveedor de SMS
   *[receipts] { $program }: muchos mensajes no llegan
}
email-digest-lead = { $count ->
    [one] Este mensaje no es ninguna palabra clave ni ningún código. Quizá pide la baja con palabras que no conocemos.
   *[other] Estos { $count } mensajes no son ninguna palabra clave ni ningún código. Cada uno quizá pide la baja con palabras que no conocemos.
}
email-digest-from = { $phone } escribió el { $received }:
email-digest-deadline = Si pide no recibir más mensajes, respételo a más tardar el { $deadline }:
email-digest-what = Escriba en lugar de los puntos las palabras de la persona. Si un mensaje pide otra cosa, le toca a usted responder.
email-notice-lead = { $kind ->
    [misconfigured] El proveedor de SMS ({ $provider }) no hace lo que pedimos, y no lo hará hasta que se corrija algo.
    [webhook] Lo que el proveedor de SMS ({ $provider }) nos pasa no se puede usar. STOP, HELP y los códigos de los teléfonos se pierden hasta que se corrija algo.
    [outage] El proveedor de SMS ({ $provider }) falló varias veces seguidas. Los mensajes esperan y se reintentan solos; cada página de código dice que llegan con retraso.
   *[receipts] 50 o más códigos de las últimas 24 horas no llegaron a sus teléfonos, según informan los operadores por { $provider }.
}
email-notice-why = El motivo: { $why }
email-notice-what = { $kind ->
    [misconfigured] Compare la configuración (assent check) con el panel del proveedor y después pruebe assent send-test con su propio número.
    [webhook] Corríjalo en el panel del proveedor o en la configuración; después envíe HELP a su remitente y mire si recibe respuesta.
    [outage] No hay nada que usted deba hacer. Si dura, mire la página de estado del proveedor.
   *[receipts] Los motivos están en messages.error, en la base de datos. Si muchos son iguales, quizá un operador bloquea el remitente: pregunte al proveedor.
}
sms-test = { $program }: Este es un mensaje de prueba de su responsable. Responda HELP para ayuda, STOP para cancelar.
